-- Replaces a document whose version is the one that was read.
-- KEYS: hash of documents
-- ARGV: field, document, version that was read (0: none), channel to tell (empty: none)
-- Returns whether the document is in place.
local there = redis.call('HGET', KEYS[1], ARGV[1])
if there == ARGV[2] then
  return true
end
if (there and cjson.decode(there).version or 0) ~= tonumber(ARGV[3]) then
  return false
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if ARGV[4] ~= '' then
  -- As with revisions, everybody polls, too.
  redis.pcall('PUBLISH', ARGV[4], ARGV[1])
end
return true
