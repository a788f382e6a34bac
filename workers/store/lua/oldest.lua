-- The oldest unfinished work by its id, which begins with when it was made.
-- Keeps true: nothing is written; no more is looked at than allowed, what is due first before the rest.
-- ARGV: most entries. Returns {ids, ms now}; the ids are the oldest event and the oldest run, if any.
local CHUNK = 5000
local most, oldest = tonumber(ARGV[1]), {}
for from = 0, most - 1, CHUNK do
  local ids = redis.call('ZRANGE', K.due, from, math.min(from + CHUNK, most) - 1)
  for _, id in ipairs(ids) do
    local kind = string.byte(id)
    if not oldest[kind] or id < oldest[kind] then oldest[kind] = id end
  end
  if #ids < CHUNK then break end
end
local found = {}
for _, id in pairs(oldest) do found[#found + 1] = id end
return {found, now_ms()}
