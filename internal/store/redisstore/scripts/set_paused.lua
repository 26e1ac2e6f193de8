-- Replaces what is paused on a site if its version is the one that was read.
-- KEYS: paused
-- ARGV: site, document, version that was read, channel
-- Returns whether the document is in place.
local doc = redis.call('HGET', KEYS[1], ARGV[1])
if doc == ARGV[2] then
  return true
end
if (doc and cjson.decode(doc).version or 0) ~= tonumber(ARGV[3]) then
  return false
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
-- As with revisions, everybody polls, too.
redis.pcall('PUBLISH', ARGV[4], ARGV[1])
return true
