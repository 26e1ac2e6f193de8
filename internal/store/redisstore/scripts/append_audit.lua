-- Appends an entry to the audit log.
-- KEYS: list
-- ARGV: entry, its number
-- Returns whether it is there now; not if another entry has the number.
if redis.call('LINDEX', KEYS[1], -1) == ARGV[1] then
  return true
end
if redis.call('LLEN', KEYS[1]) + 1 ~= tonumber(ARGV[2]) then
  return false
end
redis.call('RPUSH', KEYS[1], ARGV[1])
return true
