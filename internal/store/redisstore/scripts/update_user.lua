-- Replaces a user whose version is the one that was read.
-- KEYS: users
-- ARGV: name, document, version that was read
-- Returns "missing", "changed" (it has another version) or "done".
local doc = redis.call('HGET', KEYS[1], ARGV[1])
if not doc then
  return 'missing'
end
if doc == ARGV[2] then
  return 'done'
end
if (cjson.decode(doc).version or 0) ~= tonumber(ARGV[3]) then
  return 'changed'
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 'done'
