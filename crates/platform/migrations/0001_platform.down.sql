drop table idempotency;
drop table seals;
drop table audit;
drop table jobs;
drop table consumer_offsets;
drop table inbox;
drop table outbox;
drop table seq;
