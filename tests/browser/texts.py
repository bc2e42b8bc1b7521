"""What people of the seeded community wrote, each in the language of their desk."""

from __future__ import annotations

Words = dict[str, str]

# slug: name, language of the desk, country on the map
MEMBERS = {
    "meridia": ("Meridia National CSIRT", "en", "ZA"),
    "haichuan": ("海川国家网络安全应急响应中心", "zh", "SG"),
    "severia": ("Национальный центр реагирования Северии", "ru", "BY"),
    "harbour": ("Harbour Federation ISAC", "en", "MT"),
}

PEOPLE = {
    "meridia": ("Amina Okoro", "Director of the national desk"),
    "haichuan": ("林海燕", "应急响应中心主任"),
    "severia": ("Ирина Волкова", "Начальник центра реагирования"),
    "harbour": ("Sam Rivers", "Duty director"),
}

DEMARCHE: Words = {
    "zh": "关于建立集装箱码头攻击联合预警值班的声明",
    "ru": "Заявление о совместном дежурстве по предупреждению атак на контейнерные терминалы",
    "en": "Declaration on a joint watch for attacks on container terminals",
}
DEMARCHE_TEXT: Words = {
    "zh": "各成员自十二月一日起轮流承担联合预警值班，每班一周，交接记录载入各自账本。",
    "ru": "С 1 декабря участники поочерёдно несут совместное дежурство по неделе; "
    "передача дежурства записывается в реестр каждого.",
    "en": "From 1 December the members take turns in a joint watch of a week each; each hand-over "
    "is recorded in their ledgers.",
}
STATEMENT: Words = {
    "zh": "关于停用旧版放箱口令系统的建议",
    "ru": "Рекомендация прекратить использование прежней системы кодов выдачи",
    "en": "Recommendation to retire the old release-code system",
}
STATEMENT_TEXT: Words = {
    "zh": "建议各成员境内港口在六个月内停用静态放箱口令，改用逐笔签发的凭证。",
    "ru": "Портам рекомендуется в течение шести месяцев отказаться от постоянных кодов выдачи "
    "в пользу кодов, выпускаемых на каждую операцию.",
    "en": "Ports are advised to replace static release codes within six months by codes that are "
    "issued for each release.",
}
REJECTED: Words = {
    "zh": "关于公开全部受害单位名单的提案",
    "ru": "Предложение опубликовать перечень всех пострадавших организаций",
    "en": "Proposal to publish the list of all organisations hit",
}
REJECTED_TEXT: Words = {
    "zh": "由联合值班员在公开网站公布受害单位名单。",
    "ru": "Перечень пострадавших организаций публикуется на открытом сайте.",
    "en": "The list of organisations hit is put on a public site.",
}
OBJECTION: Words = {
    "zh": "受害单位未同意公开，公开将使其不愿再报告。",
    "ru": "Пострадавшие не давали согласия; после публикации они перестанут сообщать.",
    "en": "Those hit have not agreed; once named, they would report no more.",
}
SESSION: Words = {
    "zh": "第七次理事会会议",
    "ru": "Седьмое заседание совета",
    "en": "Seventh session of the council",
}
NEXT_SESSION: Words = {
    "zh": "第八次理事会会议",
    "ru": "Восьмое заседание совета",
    "en": "Eighth session of the council",
}
AMENDED: Words = {  # what an amendment adds to the text
    "zh": "\n第四条　各方自收到紧急通报之时起两小时内确认收到。",
    "ru": "\nСтатья 4. Стороны подтверждают получение срочного уведомления в течение двух часов.",
    "en": "\nArticle 4. The parties acknowledge an urgent notification within two hours.",
}
NOTES = {
    "haichuan": "我方在两处码头网关看到同一地址，时间与通报一致。",
    "severia": "Адрес встречается в журналах шлюза с 3 ноября; заблокирован.",
}
RECALL_REASON = {
    "meridia": "The address now belongs to a hospital; blocking it would do harm.",
    "severia": "Ошибка в образце: хеш принадлежит штатному обновлению.",
}
HOLD = "证据保全：海川港案，编号 2026-118"
ASKED = {
    "haichuan": "北部湾两家航运公司受到同一攻击，需要把该指标转交其安全团队。",
    "severia": "Нужно передать признаки оператору терминала в Северске.",
}
GRANTED = "Granted for the two shipping lines named; not for publication."
RESERVATION = "Not for use in court without a further permission of the giver."
APPLICATION = "Our three ports meet the same campaign; we ask to take part as an observer first."
GROUP: Words = {
    "zh": "集装箱码头攻击工作组",
    "ru": "Рабочая группа по атакам на контейнерные терминалы",
    "en": "Working group on attacks on container terminals",
}
GROUP_TEXT: Words = {
    "zh": "工作组汇总各方所见，每两周向理事会报告一次，任期一年。",
    "ru": "Группа сводит наблюдения участников и раз в две недели докладывает совету; срок — год.",
    "en": "The group brings together what the members see and reports to the council every two "
    "weeks, for a year.",
}
