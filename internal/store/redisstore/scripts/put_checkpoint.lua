-- Appends a checkpoint unless it is the newest.
-- KEYS: checkpoints
-- ARGV: checkpoint
-- Returns true.
if redis.call('LINDEX', KEYS[1], -1) ~= ARGV[1] then
  redis.call('RPUSH', KEYS[1], ARGV[1])
end
return true
