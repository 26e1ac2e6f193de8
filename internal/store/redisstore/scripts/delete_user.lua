-- Removes a user, unless nobody else is an owner.
-- KEYS: users
-- ARGV: name
-- Returns "missing", "last" or "done".
local function owns(doc)
  return (cjson.decode(doc).role or 'owner') == 'owner'
end

local doc = redis.call('HGET', KEYS[1], ARGV[1])
if not doc then
  return 'missing'
end
if owns(doc) then
  local last, all = true, redis.call('HGETALL', KEYS[1])
  for i = 1, #all, 2 do
    last = last and (all[i] == ARGV[1] or not owns(all[i + 1]))
  end
  if last then
    return 'last'
  end
end
redis.call('HDEL', KEYS[1], ARGV[1])
return 'done'
