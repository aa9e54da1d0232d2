BEGIN TRANSACTION;
CREATE TABLE consent_choices (
	number INTEGER NOT NULL, 
	id VARCHAR(36) NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	subject VARCHAR(22) NOT NULL, 
	seq INTEGER NOT NULL, 
	time BIGINT NOT NULL, 
	notice VARCHAR(64) NOT NULL, 
	locale VARCHAR(20) NOT NULL, 
	action VARCHAR(20) NOT NULL, 
	surface VARCHAR(20) NOT NULL, 
	purposes TEXT NOT NULL, 
	valid_until INTEGER NOT NULL, 
	actor VARCHAR(20) NOT NULL, 
	signals TEXT NOT NULL, 
	age_band VARCHAR(20), 
	site VARCHAR(32) NOT NULL, 
	region VARCHAR(6) NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (site, "key")
);
INSERT INTO "consent_choices" VALUES(1,'c4a07bf0-3fb6-41cf-a8fc-b11cb45087d2','db80997eda51fd7840d16791b90e4c7415d18686506c1a51de0e5cc57e2fb3c0','P01ILDHJ6L7cTSOL2Ozy-Q',1,1795985122913,'d6e07a873dac02c16de570fd772d5ce79fd5c5e45dd2746232ddc48b95a2c010','en','age_adult','layer','{}',20966,'subject','[]','18_or_over','','');
INSERT INTO "consent_choices" VALUES(2,'91f82f33-9ffb-4f95-a7ff-0701e31ebde3','20c0b33718d9ec4b481fd5474f0d67d85cf167849c5e737d727a5c22cae69286','P01ILDHJ6L7cTSOL2Ozy-Q',2,1795985122948,'d6e07a873dac02c16de570fd772d5ce79fd5c5e45dd2746232ddc48b95a2c010','en','accept_all','layer','{"data_analytics": true, "marketing_measurement": true, "marketing_messages": true, "personalized_recommendations": true, "service_improvement": true, "service_research": true, "targeted_advertising": true}',20966,'subject','[]','18_or_over','','');
INSERT INTO "consent_choices" VALUES(3,'6817ac4c-c644-436d-88ac-8cd4b590157d','7544dd218ab470680d1abe9d454c59bd027dd075d7fe261b62a9c4b705c5ea40','P01ILDHJ6L7cTSOL2Ozy-Q',3,1795985122953,'d6e07a873dac02c16de570fd772d5ce79fd5c5e45dd2746232ddc48b95a2c010','zh-CN','withdraw_all','page','{"data_analytics": false, "marketing_measurement": false, "marketing_messages": false, "personalized_recommendations": false, "service_improvement": false, "service_research": false, "targeted_advertising": false}',20966,'subject','[]','18_or_over','','');
INSERT INTO "consent_choices" VALUES(5,'23057da1-eb98-4f37-830f-b8c77e577f7a','1dee1c79e5b9f2b03f265dbcf538a0ef766eff269a0b3bb5966025676af41ddb','k59unVvl67W-TbdSr6Mfhw',1,1795985122979,'d6e07a873dac02c16de570fd772d5ce79fd5c5e45dd2746232ddc48b95a2c010','en','age_adult','layer','{}',20966,'subject','["gpc"]','18_or_over','','');
INSERT INTO "consent_choices" VALUES(6,'18630fa7-5bff-4e29-b770-0a8100f36ee8','a27df8b8a6dd88af75845238174aec50af3f2584e5fc8a76c8c293a066c4d3b1','k59unVvl67W-TbdSr6Mfhw',2,1795985123003,'d6e07a873dac02c16de570fd772d5ce79fd5c5e45dd2746232ddc48b95a2c010','en','allow','placeholder','{"data_analytics": true}',20966,'subject','[]','18_or_over','','');
INSERT INTO "consent_choices" VALUES(7,'8f0d30a3-1f2e-4785-9053-2ac16554df1a','a92f02c766b86ab66e8ef8d3d15aa3830ba8d34f3463be529cfe6a5bffc5f3b3','k59unVvl67W-TbdSr6Mfhw',3,1795985123023,'d6e07a873dac02c16de570fd772d5ce79fd5c5e45dd2746232ddc48b95a2c010','en','allow','page','{"contact_messages": true}',20966,'subject','[]','18_or_over','','');
CREATE TABLE consent_ends (
	choice VARCHAR(36) NOT NULL, 
	"key" VARCHAR(81) NOT NULL, 
	time BIGINT NOT NULL, 
	PRIMARY KEY (choice, "key")
);
INSERT INTO "consent_ends" VALUES('91f82f33-9ffb-4f95-a7ff-0701e31ebde3','data_analytics',1764447914000);
CREATE TABLE consent_notices (
	digest VARCHAR(64) NOT NULL, 
	text TEXT NOT NULL, 
	PRIMARY KEY (digest)
);
CREATE TABLE consent_scripts (
	site VARCHAR(32) NOT NULL, 
	hash VARCHAR(16) NOT NULL, 
	content BLOB NOT NULL, 
	mimetype VARCHAR(40) NOT NULL, 
	notice VARCHAR(64) NOT NULL, 
	replaced BIGINT, 
	PRIMARY KEY (site, hash)
);
CREATE TABLE consent_uses (
	choice VARCHAR(36) NOT NULL, 
	"key" VARCHAR(81) NOT NULL, 
	time BIGINT NOT NULL, 
	PRIMARY KEY (choice, "key")
);
INSERT INTO "consent_uses" VALUES('8f0d30a3-1f2e-4785-9053-2ac16554df1a','contact_messages',1764447914000);
CREATE TABLE consent_versions (
	site VARCHAR(32) NOT NULL, 
	id VARCHAR(40) NOT NULL, 
	version VARCHAR(40) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	published BIGINT NOT NULL, 
	PRIMARY KEY (site, id, version)
);
CREATE INDEX ix_consent_choices_subject_number ON consent_choices (subject, number);
COMMIT;
