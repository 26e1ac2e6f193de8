-- Publishes a revision if it is the site's next, or the very same again.
-- KEYS: latest numbers, documents
-- ARGV: site, number, document's field, document, channel
-- Returns whether it is published.
local latest = tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '0')
if tonumber(ARGV[2]) ~= latest + 1 then
  return redis.call('HGET', KEYS[2], ARGV[3]) == ARGV[4]
end
redis.call('HSET', KEYS[2], ARGV[3], ARGV[4])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
-- A user without the right to the channel can publish all the same: everybody
-- polls, too.
redis.pcall('PUBLISH', ARGV[5], ARGV[1])
return true
