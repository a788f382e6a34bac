-- One loader of rules among all workers.
-- Keeps true: at most one holds the office, and only while it renews it in time; a worker that has a
-- folder with rules takes it over from one that has none.
-- ARGV: worker, '1' it has rules | '0' | '' it leaves, term ms.
-- Returns {0 not the loader | 1 still | 2 newly, document that is live or '' (also where its text is
-- lost, so that the loader puts it there again)}.
local holder = redis.call('GET', K.rule_loader)
local mine = holder and string.sub(holder, 3) == ARGV[1]
if ARGV[2] == '' then
  if mine then redis.call('DEL', K.rule_loader) end
  return {0, ''}
end
local yields = holder and ARGV[2] == '1' and string.sub(holder, 1, 1) == '0'
if holder and not mine and not yields then return {0, ''} end
redis.call('SET', K.rule_loader, ARGV[2] .. ' ' .. ARGV[1], 'PX', ARGV[3])
local document = redis.call('HGET', K.live_rules, 'document') or ''
if redis.call('EXISTS', K.snapshot .. document) == 0 then document = '' end
return {mine and 1 or 2, document}
