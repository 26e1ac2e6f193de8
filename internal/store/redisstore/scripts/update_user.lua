-- Replaces a user whose version is the one that was read.
-- KEYS: users
-- ARGV: name, document, version that was read
-- Returns "missing", "changed" (it has another version), "last" (nobody else is an
-- owner) or "done".
local function owns(user)
  return (user.role or 'owner') == 'owner'
end

local doc = redis.call('HGET', KEYS[1], ARGV[1])
if not doc then
  return 'missing'
end
if doc == ARGV[2] then
  return 'done'
end
local before, after = cjson.decode(doc), cjson.decode(ARGV[2])
if (before.version or 0) ~= tonumber(ARGV[3]) then
  return 'changed'
end
if owns(before) and not owns(after) and not after.external then
  local last, all = true, redis.call('HGETALL', KEYS[1])
  for i = 1, #all, 2 do
    last = last and (all[i] == ARGV[1] or not owns(cjson.decode(all[i + 1])))
  end
  if last then
    return 'last'
  end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 'done'
