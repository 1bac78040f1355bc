drop table payouts_evidence;
drop index payouts_attempts_open;
drop index payouts_attempts_look;
alter table payouts_attempts drop column fence;
alter table payouts_attempts drop column ended_at;
alter table payouts_attempts drop column look_at;
