-- Takes a token that has not expired, and drops all that have.
-- KEYS: tokens
-- ARGV: token's hash, now in milliseconds
-- Returns whether there was one.
local expires = redis.call('ZSCORE', KEYS[1], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2])
if not expires or tonumber(expires) <= tonumber(ARGV[2]) then
  return false
end
redis.call('ZREM', KEYS[1], ARGV[1])
return true
