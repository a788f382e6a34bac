-- Settles the note of an invitation: it went out, or it certainly did not.
-- Keeps true: only who has noted it settles it; what is taken back leaves the one before standing.
-- ARGV: account:course:e-mail, owner, sent (0 | 1).
local key = K.invited .. ARGV[1]
local found = redis.call('GET', key)
if not found then return 0 end
local state, at, who, before = string.match(found, '^(%S+) (%S+) (%S+) ?(.*)$')
if state ~= 'sending' or who ~= ARGV[2] then return 0 end
if ARGV[3] == '1' then
  redis.call('SET', key, 'sent ' .. at .. ' ' .. who, 'KEEPTTL')
elseif before ~= '' then
  redis.call('SET', key, before, 'KEEPTTL')
else
  redis.call('DEL', key)
end
return 1
