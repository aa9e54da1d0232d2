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
INSERT INTO "consent_choices" VALUES(1,'c8860479-9822-414e-a03d-5ed17943b7f7','Dd6Rsql5kHafaxE9mQtf3gPaT1E','AFDNjpal3xhUEnyUycAGPw',1,1795985105125,'4f29dbd0babd3ad274ab6970a9bf81f2c60dd07a16d25148e39b39b21a7d0076','en','age_adult','layer','{}',20966,'subject','[]','18_or_over','','');
INSERT INTO "consent_choices" VALUES(2,'42f9eb1c-4005-46fa-b46d-64ece157dad9','eTIMqq7S5qrwZqdLX7juuIkhvnA','AFDNjpal3xhUEnyUycAGPw',2,1795985105131,'4f29dbd0babd3ad274ab6970a9bf81f2c60dd07a16d25148e39b39b21a7d0076','en','accept_all','layer','{"data_analytics": true, "marketing_measurement": true, "marketing_messages": true, "personalized_recommendations": true, "service_improvement": true, "service_research": true, "targeted_advertising": true}',20966,'subject','[]','18_or_over','','');
INSERT INTO "consent_choices" VALUES(3,'f1aa5c2e-4bcb-4277-8507-ac104a87e2fa','MTXCnT0u83DcLkO69d-uFT0cd_4','AFDNjpal3xhUEnyUycAGPw',3,1795985105148,'4f29dbd0babd3ad274ab6970a9bf81f2c60dd07a16d25148e39b39b21a7d0076','zh-CN','withdraw_all','page','{"data_analytics": false, "marketing_measurement": false, "marketing_messages": false, "personalized_recommendations": false, "service_improvement": false, "service_research": false, "targeted_advertising": false}',20966,'subject','[]','18_or_over','','');
INSERT INTO "consent_choices" VALUES(5,'f961c042-e739-468b-ae5e-e06a78bf1bb0','ZiDv4mouYIz0nuoVj-PdHB9VhLo','hxiodUvY_Bjlw4m5t7miUw',1,1795985105158,'4f29dbd0babd3ad274ab6970a9bf81f2c60dd07a16d25148e39b39b21a7d0076','en','age_adult','layer','{}',20966,'subject','["gpc"]','18_or_over','','');
INSERT INTO "consent_choices" VALUES(6,'8ffdb32c-d3fb-4e4f-af3f-d73adb246abd','y8m_fhPIcvxzcCTYw9aJbYsMe2o','hxiodUvY_Bjlw4m5t7miUw',2,1795985105162,'4f29dbd0babd3ad274ab6970a9bf81f2c60dd07a16d25148e39b39b21a7d0076','en','allow','placeholder','{"data_analytics": true}',20966,'subject','[]','18_or_over','','');
INSERT INTO "consent_choices" VALUES(7,'bd94270f-967f-4af0-9f25-756a2563228c','ElSBpO0UxE1PwP-p14E1Q41Zang','hxiodUvY_Bjlw4m5t7miUw',3,1795985105186,'4f29dbd0babd3ad274ab6970a9bf81f2c60dd07a16d25148e39b39b21a7d0076','en','allow','page','{"contact_messages": true}',20966,'subject','[]','18_or_over','','');
CREATE TABLE consent_ends (
	choice VARCHAR(36) NOT NULL, 
	"key" VARCHAR(81) NOT NULL, 
	time BIGINT NOT NULL, 
	PRIMARY KEY (choice, "key")
);
INSERT INTO "consent_ends" VALUES('42f9eb1c-4005-46fa-b46d-64ece157dad9','data_analytics',1764447914000);
CREATE TABLE consent_notices (
	digest VARCHAR(64) NOT NULL, 
	text TEXT NOT NULL, 
	PRIMARY KEY (digest)
);
CREATE TABLE consent_uses (
	choice VARCHAR(36) NOT NULL, 
	"key" VARCHAR(81) NOT NULL, 
	time BIGINT NOT NULL, 
	PRIMARY KEY (choice, "key")
);
INSERT INTO "consent_uses" VALUES('bd94270f-967f-4af0-9f25-756a2563228c','contact_messages',1764447914000);
CREATE TABLE consent_versions (
	site VARCHAR(32) NOT NULL, 
	id VARCHAR(40) NOT NULL, 
	version VARCHAR(40) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	published BIGINT NOT NULL, 
	PRIMARY KEY (site, id, version)
);
CREATE INDEX ix_consent_choices_subject ON consent_choices (subject);
COMMIT;
