-- Makes a step of a run the only one that takes somebody out of a course.
-- Keeps true: one removal from a course at a time, so that who else has gone can be told.
-- ARGV: account:course, owner, lease ms. Returns 1, or 0 where another is at it.
local key = K.removing .. ARGV[1]
local holder = redis.call('GET', key)
if holder and holder ~= ARGV[2] then return 0 end
redis.call('SET', key, ARGV[2], 'PX', ARGV[3])
return 1
