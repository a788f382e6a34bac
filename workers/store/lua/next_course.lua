-- Gives the course to look through next: never seen before longest ago.
-- Keeps true: a course is left to one reader at a time, for as long as an answer may take.
-- ARGV: account, since ms, lease ms, course ids ... Returns {course or "", how many are left, how many
-- of these others read, how many may not be read}.
local read, reading = K.courses_read .. ARGV[1], K.courses_reading .. ARGV[1]
local since, now = tonumber(ARGV[2]), now_ms()
local seen, claimed = {}, {}
local function fill(into, key)
  local found = redis.call('HGETALL', key)
  for n = 1, #found, 2 do into[found[n]] = tonumber(found[n + 1]) end
end
fill(seen, read)
fill(claimed, reading)
local first, at, left, busy, refused = '', nil, 0, 0, 0
for n = 4, #ARGV do
  local course = ARGV[n]
  local when = seen[course] or 0
  if math.abs(when) >= since and when ~= 0 then
    if when < 0 then refused = refused + 1 end
  else
    left = left + 1
    if (claimed[course] or 0) > now then
      busy = busy + 1
    elseif not at or math.abs(when) < at then
      first, at = course, math.abs(when)
    end
  end
end
if first ~= '' then
  redis.call('HSET', reading, first, string.format('%.0f', now + tonumber(ARGV[3])))
  redis.call('PEXPIRE', reading, 86400000)
end
return {first, left, busy, refused}
