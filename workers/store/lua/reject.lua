-- Counts a delivery that was refused, and keeps it where an id is given.
-- Keeps true: per source and cause no more entries, bytes and time than allowed, so that a flood
-- pushes out nothing but its own; what comes again adds to its entry; what is counted is counted
-- in the same step.
-- ARGV: source, cause, id ('' = only counted), mark, sealed, detail, size, whole, received ms,
-- most entries, most bytes, lifetime ms. Returns the id under which it is kept, '' = it is not.
local source, cause, id, mark = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
-- it is there: this very script ran before, and its answer was lost on the way
if id ~= '' and redis.call('EXISTS', K.rejected .. id) == 1 then return id end
count(source, 'refused:' .. cause, 1)
if id == '' then return '' end
local lifetime = tonumber(ARGV[12])
local now = now_ms()
local name = cause .. ':' .. source
local ring = K.rejected_ring .. name
redis.call('ZREMRANGEBYSCORE', ring, '-inf', string.format('%.0f', now - lifetime))
local members, sizes, bytes = redis.call('ZRANGE', ring, 0, -1), {}, 0
for n, member in ipairs(members) do
  local known, size, same = string.match(member, '^(%S+) (%d+) (%S+)$')
  if same == mark and redis.call('EXISTS', K.rejected .. known) == 1 then
    redis.call('HINCRBY', K.rejected .. known, 'times', 1)
    redis.call('HSET', K.rejected .. known, 'last_at', ARGV[9])
    return known
  end
  sizes[n] = tonumber(size)
  bytes = bytes + sizes[n]
end
-- the fields in clear and the names of the keys take about as much
local own = #ARGV[5] + #ARGV[6] + 400
local left = #members
for n, member in ipairs(members) do
  if left < tonumber(ARGV[10]) and bytes + own <= tonumber(ARGV[11]) then break end
  redis.call('ZREM', ring, member)
  redis.call('DEL', K.rejected .. string.match(member, '^%S+'))
  left, bytes = left - 1, bytes - sizes[n]
end
local member = id .. ' ' .. own .. ' ' .. mark
redis.call('HSET', K.rejected .. id, 'id', id, 'source', source, 'cause', cause, 'detail', ARGV[6],
  'size', ARGV[7], 'whole', ARGV[8], 'first_at', ARGV[9], 'last_at', ARGV[9], 'times', 1,
  'member', member, 'sealed', ARGV[5])
redis.call('PEXPIRE', K.rejected .. id, lifetime)
redis.call('ZADD', ring, string.format('%.0f', now), member)
redis.call('PEXPIRE', ring, lifetime)
redis.call('SADD', K.rejected_rings, name)
return id
