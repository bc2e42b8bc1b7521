"""The purposes that agreements name most, in three languages. Any other word stays as it is."""

from __future__ import annotations

PURPOSES: dict[str, dict[str, str]] = {
    "prevention": {"zh": "预防", "ru": "предупреждение", "en": "prevention"},
    "detection": {"zh": "发现", "ru": "выявление", "en": "detection"},
    "defence": {"zh": "防御", "ru": "защита", "en": "defence"},
    "protection": {"zh": "保护", "ru": "охрана", "en": "protection"},
    "coordination": {"zh": "协调", "ru": "координация", "en": "coordination"},
    "investigation": {"zh": "调查", "ru": "расследование", "en": "investigation"},
    "court-proceedings": {
        "zh": "司法程序",
        "ru": "судебное разбирательство",
        "en": "court proceedings",
    },
    "affected-party-notification": {
        "zh": "通知受影响方",
        "ru": "уведомление пострадавших",
        "en": "notification of those affected",
    },
}


def purpose_name(purpose: str, language: str) -> str:
    """The name of a purpose in a language; of one that is not known here, the word itself."""
    return PURPOSES.get(purpose, {}).get(language, purpose)
