-- Replaces a draft whose version is the one that was read.
-- KEYS: draft
-- ARGV: document, version that was read (0: none)
-- Returns whether the document is in place.
local there = redis.call('GET', KEYS[1])
if there == ARGV[1] then
  return true
end
local version = there and cjson.decode(there).version or 0
if version ~= tonumber(ARGV[2]) then
  return false
end
redis.call('SET', KEYS[1], ARGV[1])
return true
