___TERMS_OF_SERVICE___

By creating or modifying this file you agree to Google Tag Manager's Community
Template Gallery Developer Terms of Service available at
https://developers.google.com/tag-manager/gallery-tos (or such other URL as
Google may provide), as modified from time to time.


___INFO___

{
  "type": "TAG",
  "id": "cvt_temp_public_id",
  "version": 1,
  "securityGroups": [],
  "displayName": "Consent Widget (Consent Mode)",
  "categories": [
    "TAG_MANAGEMENT",
    "PERSONALIZATION"
  ],
  "brand": {
    "id": "brand_dummy",
    "displayName": ""
  },
  "description": "Tells Google tags what visitors chose in Consent Widget: all consent types are denied by default, and updated when the answer is known and whenever it changes. Fire it on Consent Initialization - All Pages.",
  "containerContexts": [
    "WEB"
  ]
}


___TEMPLATE_PARAMETERS___

[
  {
    "type": "GROUP",
    "name": "purposes",
    "displayName": "What the visitor has to agree to",
    "groupStyle": "ZIPPY_OPEN",
    "subParams": [
      {
        "type": "TEXT",
        "name": "ad_storage",
        "displayName": "ad_storage",
        "simpleValueType": true,
        "defaultValue": "marketing",
        "help": "Which purposes of your notice this type follows, by id and separated by commas: it is granted once all of them are. Write purpose:recipient for a named recipient, and @service for a single service. Empty: never granted.",
        "alwaysInSummary": true
      },
      {
        "type": "TEXT",
        "name": "ad_user_data",
        "displayName": "ad_user_data",
        "simpleValueType": true,
        "defaultValue": "marketing",
        "help": "Which purposes of your notice this type follows, by id and separated by commas: it is granted once all of them are. Write purpose:recipient for a named recipient, and @service for a single service. Empty: never granted.",
        "alwaysInSummary": true
      },
      {
        "type": "TEXT",
        "name": "ad_personalization",
        "displayName": "ad_personalization",
        "simpleValueType": true,
        "defaultValue": "marketing",
        "help": "Which purposes of your notice this type follows, by id and separated by commas: it is granted once all of them are. Write purpose:recipient for a named recipient, and @service for a single service. Empty: never granted.",
        "alwaysInSummary": true
      },
      {
        "type": "TEXT",
        "name": "analytics_storage",
        "displayName": "analytics_storage",
        "simpleValueType": true,
        "defaultValue": "analytics",
        "help": "Which purposes of your notice this type follows, by id and separated by commas: it is granted once all of them are. Write purpose:recipient for a named recipient, and @service for a single service. Empty: never granted.",
        "alwaysInSummary": true
      },
      {
        "type": "TEXT",
        "name": "functionality_storage",
        "displayName": "functionality_storage",
        "simpleValueType": true,
        "defaultValue": "functional",
        "help": "Which purposes of your notice this type follows, by id and separated by commas: it is granted once all of them are. Write purpose:recipient for a named recipient, and @service for a single service. Empty: never granted.",
        "alwaysInSummary": true
      },
      {
        "type": "TEXT",
        "name": "personalization_storage",
        "displayName": "personalization_storage",
        "simpleValueType": true,
        "defaultValue": "functional",
        "help": "Which purposes of your notice this type follows, by id and separated by commas: it is granted once all of them are. Write purpose:recipient for a named recipient, and @service for a single service. Empty: never granted.",
        "alwaysInSummary": true
      }
    ]
  },
  {
    "type": "GROUP",
    "name": "defaults",
    "displayName": "Until the visitor's answer is known",
    "groupStyle": "ZIPPY_CLOSED",
    "subParams": [
      {
        "type": "TEXT",
        "name": "wait",
        "displayName": "Wait for the answer (milliseconds)",
        "simpleValueType": true,
        "defaultValue": 500,
        "help": "Tags wait so long for the widget, at most. At least 500.",
        "valueValidators": [
          {
            "type": "REGEX",
            "args": [
              "^([5-9][0-9]{2}|[1-9][0-9]{3,4})$"
            ],
            "errorMessage": "Write a number from 500 to 99999."
          }
        ]
      },
      {
        "type": "TEXT",
        "name": "regions",
        "displayName": "Only in these regions",
        "simpleValueType": true,
        "defaultValue": "",
        "help": "Regions in which everything is denied until the visitor agrees (ISO 3166-2), separated by commas, for example DE, FR, US-CA. Elsewhere Google then takes consent for granted until the widget says otherwise. Empty, which is safest: everywhere.",
        "valueValidators": [
          {
            "type": "REGEX",
            "args": [
              "^\\s*([A-Z]{2}(-[A-Z0-9]{1,3})?(\\s*,\\s*[A-Z]{2}(-[A-Z0-9]{1,3})?)*)?\\s*$"
            ],
            "errorMessage": "Write codes of ISO 3166-2, separated by commas."
          }
        ]
      },
      {
        "type": "CHECKBOX",
        "name": "redact",
        "checkboxText": "Remove advertising identifiers from requests while ad_storage is denied (ads_data_redaction)",
        "simpleValueType": true,
        "defaultValue": true
      }
    ]
  }
]


___SANDBOXED_JS_FOR_WEB_TEMPLATE___

const callInWindow = require('callInWindow');
const createQueue = require('createQueue');
const gtagSet = require('gtagSet');
const makeInteger = require('makeInteger');
const setDefaultConsentState = require('setDefaultConsentState');
const updateConsentState = require('updateConsentState');

const TYPES = [
  'ad_storage', 'ad_user_data', 'ad_personalization', 'analytics_storage', 'functionality_storage',
  'personalization_storage',
];

// the entries of a list that is written with commas
const listed = (text) => (text || '').split(',').map((entry) => entry.trim()).filter((entry) => entry);

// May what this entry names run now? undefined while the widget is not there.
const granted = (entry) => {
  if (entry.charAt(0) === '@') return callInWindow('ConsentWidget.grantedService', entry.slice(1));
  const names = entry.split(':');
  return callInWindow('ConsentWidget.granted', names[0], names[1]);
};

const stateOf = (type) => {
  const entries = listed(data[type]);
  return entries.length && entries.every((entry) => granted(entry) === true) ? 'granted' : 'denied';
};

// What was told last. The first answer is always told: outside the regions of the default Google takes consent for granted.
let told;

const update = () => {
  const state = {};
  TYPES.forEach((type) => {
    state[type] = stateOf(type);
  });
  if (told && TYPES.every((type) => state[type] === told[type])) return;
  told = state;
  updateConsentState(state);
  // for triggers: a tag that was held back is not fired by the update alone
  createQueue('dataLayer')({ event: 'consent_update' });
};

const listen = () => {
  update();
  callInWindow('ConsentWidget.on', 'change', update);
};

// security_storage holds what protects the visitor and the site; it is not asked for
const wait = makeInteger(data.wait);
const defaults = { security_storage: 'granted', wait_for_update: wait >= 500 ? wait : 500 };
TYPES.forEach((type) => {
  defaults[type] = 'denied';
});
const regions = listed(data.regions);
if (regions.length) defaults.region = regions;
setDefaultConsentState(defaults);
gtagSet('ads_data_redaction', data.redact === true);

// before the widget is there, its place is held by an array, whose functions it calls
if (callInWindow('ConsentWidget.granted', '') === undefined) createQueue('ConsentWidget')(listen);
else listen();

data.gtmOnSuccess();


___WEB_PERMISSIONS___

[
  {
    "instance": {
      "key": {
        "publicId": "access_consent",
        "versionId": "1"
      },
      "param": [
        {
          "key": "consentTypes",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "ad_storage"
                  },
                  {
                    "type": 8,
                    "boolean": false
                  },
                  {
                    "type": 8,
                    "boolean": true
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "ad_user_data"
                  },
                  {
                    "type": 8,
                    "boolean": false
                  },
                  {
                    "type": 8,
                    "boolean": true
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "ad_personalization"
                  },
                  {
                    "type": 8,
                    "boolean": false
                  },
                  {
                    "type": 8,
                    "boolean": true
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "analytics_storage"
                  },
                  {
                    "type": 8,
                    "boolean": false
                  },
                  {
                    "type": 8,
                    "boolean": true
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "functionality_storage"
                  },
                  {
                    "type": 8,
                    "boolean": false
                  },
                  {
                    "type": 8,
                    "boolean": true
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "personalization_storage"
                  },
                  {
                    "type": 8,
                    "boolean": false
                  },
                  {
                    "type": 8,
                    "boolean": true
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "security_storage"
                  },
                  {
                    "type": 8,
                    "boolean": false
                  },
                  {
                    "type": 8,
                    "boolean": true
                  }
                ]
              }
            ]
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  },
  {
    "instance": {
      "key": {
        "publicId": "access_globals",
        "versionId": "1"
      },
      "param": [
        {
          "key": "keys",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "key"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  },
                  {
                    "type": 1,
                    "string": "execute"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "ConsentWidget"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "key"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  },
                  {
                    "type": 1,
                    "string": "execute"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "ConsentWidget.granted"
                  },
                  {
                    "type": 8,
                    "boolean": false
                  },
                  {
                    "type": 8,
                    "boolean": false
                  },
                  {
                    "type": 8,
                    "boolean": true
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "key"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  },
                  {
                    "type": 1,
                    "string": "execute"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "ConsentWidget.grantedService"
                  },
                  {
                    "type": 8,
                    "boolean": false
                  },
                  {
                    "type": 8,
                    "boolean": false
                  },
                  {
                    "type": 8,
                    "boolean": true
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "key"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  },
                  {
                    "type": 1,
                    "string": "execute"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "ConsentWidget.on"
                  },
                  {
                    "type": 8,
                    "boolean": false
                  },
                  {
                    "type": 8,
                    "boolean": false
                  },
                  {
                    "type": 8,
                    "boolean": true
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "key"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  },
                  {
                    "type": 1,
                    "string": "execute"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "dataLayer"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
              }
            ]
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  },
  {
    "instance": {
      "key": {
        "publicId": "write_data_layer",
        "versionId": "1"
      },
      "param": [
        {
          "key": "keyPatterns",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 1,
                "string": "ads_data_redaction"
              }
            ]
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  }
]


___TESTS___

scenarios:
- name: Everything is denied until the widget is there
  code: |-
    mock('callInWindow', () => undefined);
    runCode(mockData);
    assertApi('setDefaultConsentState').wasCalledWith({
      security_storage: 'granted', wait_for_update: 500, ad_storage: 'denied', ad_user_data: 'denied',
      ad_personalization: 'denied', analytics_storage: 'denied', functionality_storage: 'denied',
      personalization_storage: 'denied'
    });
    assertApi('updateConsentState').wasNotCalled();
    assertApi('gtmOnSuccess').wasCalled();
- name: A visitor who agreed before is told at once
  code: |-
    mock('callInWindow', (path, name) => path === 'ConsentWidget.granted' ? name === 'analytics' : undefined);
    runCode(mockData);
    assertApi('updateConsentState').wasCalledWith({
      ad_storage: 'denied', ad_user_data: 'denied', ad_personalization: 'denied', analytics_storage: 'granted',
      functionality_storage: 'denied', personalization_storage: 'denied'
    });
setup: |-
  const mockData = {
    ad_storage: 'marketing', ad_user_data: 'marketing', ad_personalization: 'marketing',
    analytics_storage: 'analytics', functionality_storage: 'functional', personalization_storage: 'functional',
    wait: '500', regions: '', redact: true
  };


___NOTES___

The page has to load the widget itself; this tag only listens to it.
