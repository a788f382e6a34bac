-- Lets others take somebody out of a course.
-- Keeps true: only who has the course gives it up.
-- ARGV: account:course, owner.
local key = K.removing .. ARGV[1]
if redis.call('GET', key) == ARGV[2] then redis.call('DEL', key) end
return 1
