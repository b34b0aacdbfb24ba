package generate

// Places are made of a thing and a colour or mood, as no district is named.

func things() []string {
	return []string{
		"Mây", "Sương", "Nắng", "Gió", "Sóng", "Trăng", "Sao", "Suối", "Đồi", "Rừng", "Thác", "Ghềnh", "Bến", "Đò",
		"Cánh Cò", "Lá Sen", "Hạt Mưa", "Cầu Vồng", "Tiếng Sáo", "Bông Lúa", "Ngọn Tre", "Vườn Chè", "Khóm Trúc", "Con Thuyền", "Dòng Lam", "Đàn Én",
	}
}

func moods() []string {
	return []string{
		"Biếc", "Thắm", "Tím", "Bạc", "Ngà", "Trong", "Êm", "Dịu", "Sớm", "Muộn", "Xa", "Gần", "Lặng", "Reo",
		"Mơ", "Ấm", "Mát", "Non", "Chiều", "Khuya", "Vui", "Hiền", "Lành", "Thơm", "Rộng", "Cao",
	}
}

// place returns the name of a place; the first 676 differ.
func place(n int) string {
	a, b := things(), moods()
	n = (n*149 + 37) % (len(a) * len(b)) // neighbours in number are no neighbours in name
	return a[n/len(b)] + " " + b[n%len(b)]
}

// A sort of unit: what it is, and how its names begin.
type sort struct{ kind, name, short string }

func sorts() []sort {
	return []sort{
		{"health_center", "Trung tâm Y tế khu vực ", "TTYT "},
		{"hospital", "Bệnh viện Đa khoa khu vực ", "BVĐK "},
		{"station", "Trạm Y tế xã ", "TYT "},
		{"hospital", "Bệnh viện Y học cổ truyền ", "BV YHCT "},
		{"hospital", "Bệnh viện Phục hồi chức năng ", "BV PHCN "},
		{"hospital", "Bệnh viện Sản – Nhi ", "BV SN "},
		{"health_center", "Trung tâm Kiểm soát bệnh tật vùng ", "TTKSBT "},
		{"other", "Trường Trung cấp Y tế ", "TCYT "},
	}
}

// A topic is a section of criteria with what it may ask for.
type topic struct {
	title string
	types []string // of its criteria, in turn
	asks  []string
}

func topics() []topic {
	return []topic{
		{"Thực hiện nhiệm vụ chuyên môn", []string{"quantitative", "achieved", "quantitative", "count"}, []string{
			"Tổng số lượt khám bệnh đạt kế hoạch", "Số người bệnh điều trị nội trú đạt kế hoạch", "Công suất sử dụng giường bệnh", "Ngày điều trị trung bình hợp lý",
			"Tỷ lệ tiêm chủng mở rộng đầy đủ", "Quản lý người bệnh tăng huyết áp, đái tháo đường", "Triển khai kỹ thuật mới theo phân tuyến", "Thực hiện quy trình kiểm soát nhiễm khuẩn",
			"Báo cáo thống kê đúng hạn, đủ biểu", "Ứng dụng bệnh án điện tử", "Kết quả kiểm tra chất lượng cuối năm", "An toàn truyền máu và sử dụng thuốc",
			"Giám sát, phòng chống dịch bệnh", "Chăm sóc sức khỏe bà mẹ, trẻ em", "Chuyển tuyến đúng quy định", "Đấu thầu, quản lý trang thiết bị",
		}},
		{"Chấp hành chủ trương, chính sách, pháp luật", []string{"plus_minus", "achieved", "judged"}, []string{
			"Chấp hành quy chế dân chủ ở cơ sở", "Thực hiện quy tắc ứng xử, tinh thần thái độ phục vụ", "Công khai tài chính, mua sắm", "Không có đơn thư khiếu nại vượt cấp",
			"Thực hành tiết kiệm, chống lãng phí", "Cải cách hành chính, dịch vụ công trực tuyến", "An toàn lao động, phòng cháy chữa cháy", "Bình đẳng giới và vì sự tiến bộ của phụ nữ",
		}},
		{"Xây dựng tổ chức và đào tạo", []string{"judged", "count", "achieved"}, []string{
			"Đảng bộ, chi bộ hoàn thành tốt nhiệm vụ", "Công đoàn cơ sở vững mạnh", "Đoàn thanh niên hoạt động hiệu quả", "Cử cán bộ đào tạo nâng cao trình độ",
			"Sáng kiến, đề tài cấp cơ sở được công nhận", "Sinh hoạt khoa học, hội chẩn liên đơn vị", "Tham gia hiến máu tình nguyện", "Hoạt động nhân đạo, đền ơn đáp nghĩa",
		}},
		{"Tổ chức phong trào thi đua", []string{"judged", "achieved", "count"}, []string{
			"Có kế hoạch phát động thi đua đầu năm", "Ký giao ước và đăng ký danh hiệu đúng hạn", "Sơ kết, tổng kết phong trào", "Tham gia đầy đủ hoạt động của cụm",
			"Bài viết về điển hình tiên tiến", "Phong trào cơ sở y tế Xanh – Sạch – Đẹp", "Phong trào văn hóa công sở", "Hưởng ứng chuyên đề thi đua của ngành",
		}},
		{"Công tác khen thưởng", []string{"judged", "count", "plus_minus"}, []string{
			"Hồ sơ khen thưởng đúng quy định", "Khen thưởng người lao động trực tiếp", "Phát hiện, nhân rộng điển hình tiên tiến", "Quản lý, sử dụng quỹ thi đua",
			"Lưu trữ hồ sơ thi đua, khen thưởng", "Công khai kết quả bình xét",
		}},
	}
}

func movements() []string {
	return []string{
		"Cán bộ y tế thi đua thực hiện văn hóa công sở", "Xây dựng cơ sở y tế Xanh – Sạch – Đẹp", "Đổi mới phong cách phục vụ, hướng tới sự hài lòng của người bệnh",
		"Thi đua lao động giỏi, sáng tạo", "Mỗi đơn vị một sáng kiến cải tiến chất lượng", "Chuyển đổi số trong khám bệnh, chữa bệnh", "Lập thành tích chào mừng các ngày lễ lớn",
	}
}

func recommendations() []string {
	return []string{
		"Tổ chức sinh hoạt khoa học chung của cụm mỗi quý.", "Thống nhất cách chấm các tiêu chí định tính trước khi tự chấm.",
		"Tăng tỷ lệ khen thưởng người lao động trực tiếp.", "Gửi báo cáo sớm hơn để cụm kịp tổng hợp.", "Đề nghị Sở hướng dẫn minh chứng cho tiêu chí chuyển đổi số.",
	}
}
