alter table identity_users drop column issuer;
drop table policy_decisions;
