-- Notes tags that were seen on a day, after it took away those that are gone.
-- KEYS: tags, a hash: tag, first and last day with a space between
-- ARGV: day, the day up to which a tag is gone, most tags, then the tags
-- Returns true.
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if string.sub(all[i + 1], 12) <= ARGV[2] then
    redis.call('HDEL', KEYS[1], all[i])
  end
end
for i = 4, #ARGV do
  local days = redis.call('HGET', KEYS[1], ARGV[i])
  local first, last = ARGV[1], ARGV[1]
  if days then
    first = string.sub(days, 1, 10)
    if string.sub(days, 12) > last then
      last = string.sub(days, 12)
    end
  end
  if days or redis.call('HLEN', KEYS[1]) < tonumber(ARGV[3]) then
    redis.call('HSET', KEYS[1], ARGV[i], first .. ' ' .. last)
  end
end
return true
