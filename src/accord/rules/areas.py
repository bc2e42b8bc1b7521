"""The areas of cooperation: the vocabulary that comes with the software, in three languages.

A charter may declare another (`vocabulary`); an agreement under that charter then uses its words.
"""

from __future__ import annotations

from .terms import Terms

AREAS: dict[str, dict[str, str]] = {
    "terrorism": {"zh": "打击恐怖主义", "ru": "борьба с терроризмом", "en": "terrorism"},
    "terrorist-financing": {
        "zh": "打击恐怖主义融资",
        "ru": "борьба с финансированием терроризма",
        "en": "financing of terrorism",
    },
    "narcotics": {"zh": "禁毒", "ru": "борьба с наркотиками", "en": "narcotics"},
    "arms": {
        "zh": "打击非法贩运武器",
        "ru": "борьба с незаконным оборотом оружия",
        "en": "trafficking in arms",
    },
    "organised-crime": {
        "zh": "打击有组织犯罪",
        "ru": "борьба с организованной преступностью",
        "en": "organised crime",
    },
    "it-crime": {
        "zh": "打击信息技术犯罪",
        "ru": "борьба с преступлениями в сфере информационных технологий",
        "en": "crime by means of information technology",
    },
    "information-security": {
        "zh": "信息安全",
        "ru": "информационная безопасность",
        "en": "information security",
    },
    "border": {"zh": "边境安全", "ru": "безопасность границ", "en": "border security"},
    "customs": {"zh": "海关合作", "ru": "таможенное сотрудничество", "en": "customs"},
    "major-events": {
        "zh": "大型活动安保",
        "ru": "безопасность массовых мероприятий",
        "en": "security of major events",
    },
    "emergencies": {
        "zh": "突发事件应对",
        "ru": "чрезвычайные ситуации",
        "en": "emergencies",
    },
    "energy-security": {
        "zh": "能源安全",
        "ru": "энергетическая безопасность",
        "en": "energy security",
    },
    "environmental-security": {
        "zh": "生态安全",
        "ru": "экологическая безопасность",
        "en": "environmental security",
    },
    "financial-security": {
        "zh": "金融安全",
        "ru": "финансовая безопасность",
        "en": "financial security",
    },
}


def area_name(area: str, language: str, charter: Terms | None = None) -> str:
    """The name of an area: as the charter declares it, else the built-in one, else the word."""
    if charter is not None:
        for each in charter.vocabulary:
            if each.area == area:
                return {"zh": each.zh, "ru": each.ru, "en": each.en}[language]
    return AREAS.get(area, {}).get(language, area)
