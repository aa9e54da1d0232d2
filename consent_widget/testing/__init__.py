"""For the tests of others: visitors who have chosen, settings for tests, and checks for a store."""

from .stores import CHECKS as CHECKS
from .stores import check_store as check_store
from .stores import grant as grant
from .stores import make_choice as make_choice
from .visitors import SETTINGS as SETTINGS
from .visitors import granted_client as granted_client
from .visitors import refusing_client as refusing_client
