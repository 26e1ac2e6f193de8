-- Replaces the key ring if it is the expected one, or already the new one.
-- KEYS: key ring
-- ARGV: new ring, expected ring (left out: none)
-- Returns whether the new ring is in place.
local there = redis.call('GET', KEYS[1])
if there == ARGV[1] then
  return true
end
if there ~= (ARGV[2] or false) then
  return false
end
redis.call('SET', KEYS[1], ARGV[1])
return true
