"""Made-up values for every document, and pages made of them."""

from __future__ import annotations

from kiosk.domain.documents import fill
from kiosk.shipped import documents
from printers import profile
from printers.escpos import encode

COURSES = """2023-2024 第一学期|思想道德与法治|3.0|88
2023-2024 第一学期|大学英语（一）|4.0|79
2023-2024 第二学期|园林制图与计算机辅助设计（AutoCAD、SketchUp）|4.0|优
2024-2025 第一学期|体育（三）|1.0|合格"""
TESTS = """打印机|状态应答|38 ms|≤ 500 ms|通过
打印机|余纸|近尽|足够|不通过
热像仪|黑体参考源|37.02 ℃|37.0 ± 0.3 ℃|通过
热像仪|帧率|7.4 帧/秒|≥ 4 帧/秒|通过
扫码器|测试码|一致|一致|通过
闸机|继电器回读|4 ms|≤ 200 ms|通过
网络|往返时间|21 ms|≤ 1 s|通过"""
TESTS_EN = """Printer|answers|38 ms|≤ 500 ms|passed
Printer|paper|near end|enough|failed
Thermal camera|black body|37.02 ℃|37.0 ± 0.3 ℃|passed
Network|round trip|21 ms|≤ 1 s|passed"""
_SAMPLE = {
    "name": "张伟",
    "name_en": "ZHANG Wei",
    "number": "20230017",
    "gender": "男",
    "id_tail": "2046",
    "college": "景观生态学院",
    "department": "信息工程学院",
    "major": "园林技术",
    "class_name": "园林2301班",
    "level": "专科",
    "schooling_years": "3",
    "enrolled": "2023-09-01",
    "graduates": "2026-06-30",
    "position": "专任教师",
    "title": "副教授",
    "hired": "2012-07-01",
    "monthly_income": "8,650.00",
    "period": "近 12 个月",
    "period_income": "103,800.00",
    "income_words": "壹拾万叁仟捌佰元整",
    "conduct_grade": "优秀",
    "dormitory": "3号楼412室",
    "dormitory_since": "2023-09-01",
    "leave_type": "病假",
    "leave_from": "2026-03-02T08:00",
    "leave_to": "2026-03-04T18:00",
    "leave_days": "3",
    "leave_reason": "发烧，校医院建议居家休息三天，附病历和诊断证明。",
    "scholarships": "2023–2024|国家励志奖学金|5,000.00\n2024–2025|职业院校技能大赛园林景观赛项二等奖|",
    "courses": COURSES,
    "credits_total": "12.0",
    "gpa": "3.52",
    "fees": "2024–2025|学费|5,000.00\n2024–2025|住宿费|1,200.00",
    "fees_total": "6,200.00",
    "fees_words": "陆仟贰佰元整",
    "declared_at": "2026-03-02T07:35",
    "health_state": "良好，无不适",
    "declared_temperature": "36.4",
    "batch": "第二批",
    "window": "2026年3月2日 08:30–10:00",
    "gate": "南门",
    "meal_date": "2026-03-02",
    "meal_period": "午餐",
    "meal_name": "番茄牛腩套餐",
    "meal_window": "一食堂 6 号窗口",
    "meal_price": "16.00",
    "purpose": "实习",
    "campus": "江城职业学院",
    "date": "2026-03-02",
    "expires": "2026-05-31",
    "serial": "ZD-2026-000042",
    "code": "NCFOXN%TS3DH3ZSUZK+.V0ETD%65NL-AH-R6IOOK.IR9B+9D0UQ9QK1DT" * 4,
    "url": "https://v.example.com/Zk3vT9bQp1Xw7aLd",
    "copy": "第 1 份，共 2 份",
    "terminal": "A-017",
    "printed_at": "2026-03-02T08:42",
    "item": "请假",
    "receipt": "A-017-20260302-0042",
    "submitted": "2026-03-02T08:42",
    "promised": "半天",
    "progress": "https://v.example.com/r/A-017-20260302-0042",
    "place": "一号楼大厅",
    "phone": "027-8888 1234",
    "status": "已办结",
    "values": "请假类别|病假\n事由|发烧，校医院建议居家休息三天\n联系电话|138****2046",
    "ticket": "A042",
    "counter": "教务窗口 3",
    "ahead": "6",
    "wait": "约 20 分钟",
    "taken": "2026-03-02T08:42",
    "report": "A-017-20260302-T3",
    "version": "0.1.0",
    "operator": "王*",
    "tested": "2026-03-02T07:10",
    "tests": TESTS,
    "passed": "6",
    "total": "7",
    "outcome": "limited",
    "remarks": "纸将用尽，已通知信息中心换纸。",
    "timeline": "已提交|—|3月2日 08:42\n第 1 步通过|辅导员|3月2日 09:10\n已办结|—|3月2日 10:25",
}

COURSES_EN = """2023–2024, first term|Ethics and Law|3.0|88
2023–2024, first term|College English 1|4.0|79
2023–2024, second term|Garden Drafting and Computer-aided Design (AutoCAD, SketchUp)|4.0|A
2024–2025, first term|Physical Education 3|1.0|pass"""
_ENGLISH = {
    "copy": "Copy 1 of 2",
    "item": "Leave of absence",
    "status": "Finished",
    "place": "Hall of Building 1",
    "promised": "half a day",
    "college": "School of Landscape Ecology",
    "department": "School of Information Engineering",
    "major": "Garden Technology",
    "class_name": "Garden 2301",
    "position": "lecturer",
    "title": "associate professor",
    "period": "Last 12 months",
    "courses": COURSES_EN,
    "counter": "Academic Affairs 3",
    "wait": "20 minutes",
    "tests": TESTS_EN,
    "remarks": "Paper is nearly out.",
    "values": "Kind|sick leave\nReason|fever; the hospital advises three days at home\nTelephone|138****2046",
    "timeline": "Submitted|—|2 Mar 08:42\nStep 1 approved|Counsellor|2 Mar 09:10\nFinished|—|2 Mar 10:25",
}


def sample() -> dict[str, str]:
    """Every field of every document, in Chinese."""
    return dict(_SAMPLE)


def english() -> dict[str, str]:
    """The same for documents in English."""
    campus = "Jiangcheng Vocational College"
    return {**_SAMPLE, "campus": campus, **_ENGLISH}


def job(document: str = "enrolment", language: str = "zh", **changed: str) -> bytes:
    """One document as bytes for an 80 mm printer."""
    values = {**(english() if language == "en" else sample()), **changed}
    return encode(fill(documents()[document], language, values), profile("generic-80mm"))
