drop table bank_faults;
drop table bank_transfers;
