/** Texts of the page about AI labels. */
export const marks = {
  title: 'AI 标识',
  lead: '每件作品都注明它由 AI 生成。',
  visible_title: '看得见的标识',
  visible_text: '作品一角有“AI生成”四个字，字高不小于画面短边的 5%。我们让它安静，但一定看得清。',
  hidden_title: '文件里的标识',
  hidden_text: '图片文件的元数据里写着：由 AI 生成、由谁生成、作品编号（XMP 属性 TC260:AIGC）。转存或上传时，平台据此识别。',
  why_title: '为什么要有',
  why_text: '《人工智能生成合成内容标识办法》和强制性国家标准 GB 45438-2025 要求这样做，2025 年 9 月 1 日起施行。看图的人有权知道图是怎么来的。',
  duty_title: '请不要去掉',
  duty_text: '任何人不得恶意删除、篡改、伪造、隐匿这些标识。转发、再编辑或发到别的平台时，请保留，并按平台要求声明。',
  where_title: '标识在哪里',
  where_text: '作品、缩略图、海报和预设风格的预览都有。你上传的照片没有。',
  picture_alt: '作品右下角的“AI生成”标识',
  picture_note: '示意：标识在右下角',
  notice_title: '运营方说明',
} as const;
