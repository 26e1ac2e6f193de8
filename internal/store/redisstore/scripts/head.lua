-- KEYS: entries
-- Returns a partition's length and newest entry.
return {redis.call('LLEN', KEYS[1]), redis.call('LINDEX', KEYS[1], -1) or ''}
