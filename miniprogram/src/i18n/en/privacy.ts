import type { privacy as zh } from '../zh/privacy';

/** Texts of the privacy page. */
export const privacy: Record<keyof typeof zh, string> = {
  title: 'Privacy',
  lead: 'We collect only what the service needs, and delete it on schedule.',
  what_title: 'What is collected, and why',
  what_photo: 'The photos and style pictures you choose',
  what_photo_why: 'Used to create your works and to prepare your styles. They are used for nothing else, and never to train a model.',
  what_work: 'Your works and their settings',
  what_work_why: 'Style, strength, title, favourites and times are stored under Works, so that you can find them again.',
  what_openid: 'The user id that WeChat provides',
  what_openid_why: 'It lets you see your works after a new login, and lets notifications reach you.',
  what_log: 'Operating logs',
  what_log_why: 'The id, time and result of each request, used to find errors. They contain no pictures.',
  not_title: 'What is not collected',
  not_text: 'We do not ask for your nickname, profile picture, phone number, location or contacts. The album is used only when you choose or save a picture, the camera only when you take one.',
  long_title: 'How long it is kept',
  long_text: 'Photos are kept for {originals} days and works for {results} days, then they are deleted automatically. Each use of a photo restarts its period; a copy of 1024 pixels is kept as long as the work. The record of a work, without pictures, is kept until you delete it.',
  long_unknown: 'Photos and works are deleted automatically when their period ends; the number of days is shown when you are connected. The record of a work, without pictures, is kept until you delete it.',
  who_title: 'Who can see it',
  who_text: 'By default only you can see your photos and works, and the addresses of pictures expire. After you share a work, anyone with the link can see that work but not your photo. A poster does show your photo, so check it before you send it. You can stop sharing at any time.',
  who_check: 'As the rules require, the operator may submit finished works to the content check of WeChat, and back up works that passed in the WeChat cloud database of this mini program.',
  delete_title: 'How to delete',
  delete_one: 'Under Works, swipe left to delete one; you can undo it for ten minutes.',
  delete_all: 'Under Mine you can delete all your data. It takes effect at once, and the files are removed within minutes.',
  contract: 'Open the Privacy Protection Guide',
};
