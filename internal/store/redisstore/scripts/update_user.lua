-- Replaces a user.
-- KEYS: users
-- ARGV: name, document
-- Returns whether there is such a user.
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then
  return false
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return true
