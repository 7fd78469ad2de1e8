"""Every kind of fault."""

from tests.chaos.kinds import network, processes, servers, telegram

KINDS = (*processes.KINDS, *servers.KINDS, *telegram.KINDS, *network.KINDS)
