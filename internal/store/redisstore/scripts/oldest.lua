-- Reads on from where all is tombstones and notes of erasures.
-- KEYS: entries, how many of them are so
-- ARGV: how many to read
-- Returns the partition's length and newest entry, how many were passed over,
-- and the entries behind them.
local passed = tonumber(redis.call('GET', KEYS[2]) or '0')
local entries = redis.call('LRANGE', KEYS[1], passed, passed + ARGV[1] - 1)
local reply = {redis.call('LLEN', KEYS[1]), redis.call('LINDEX', KEYS[1], -1) or '', passed}
for i = 1, #entries do
  reply[i + 3] = entries[i]
end
return reply
