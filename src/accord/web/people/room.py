"""The pages of this room, and its places in the menu."""

from __future__ import annotations

from accord.web.room import MenuItem, Room

from .account_adding import do_add_account, show_new_account
from .accounts import show_accounts
from .one_account import (
    do_change_scope,
    do_disable_account,
    do_drop_second_step,
    do_enable_account,
    do_end_account_sessions,
    do_reset_password,
    show_one_account,
)
from .own_account import do_change_account, show_account
from .own_password import do_change_password, show_password
from .own_second_step import do_begin, do_confirm, do_drop, do_renew, show_own_second_step
from .own_sessions import do_end_sessions
from .second_step import do_second_step, show_second_step
from .setting_up import do_set_up, show_set_up
from .signing_in import do_sign_in, show_sign_in
from .signing_out import do_sign_out
from .token_adding import do_add_token, show_new_token
from .tokens import do_revoke_token, show_tokens

ROOM = Room(
    name="people",
    handlers=(
        *(show_sign_in, do_sign_in, show_second_step, do_second_step, do_sign_out),
        *(show_set_up, do_set_up),
        *(show_account, do_change_account, do_end_sessions, show_password, do_change_password),
        *(show_own_second_step, do_begin, do_confirm, do_renew, do_drop),
        *(show_accounts, show_new_account, do_add_account, show_one_account, do_change_scope),
        *(do_reset_password, do_drop_second_step, do_end_account_sessions),
        *(do_disable_account, do_enable_account),
        *(show_tokens, show_new_token, do_add_token, do_revoke_token),
    ),
    menu=(
        MenuItem("people.menu-accounts", "/accounts", "node", "accounts"),
        MenuItem("people.menu-tokens", "/tokens", "node", "tokens"),
    ),
)
