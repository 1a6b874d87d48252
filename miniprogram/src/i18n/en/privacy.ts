import type { privacy as zh } from '../zh/privacy';

/** The page on privacy: what is collected, why, how long, who sees it, how to delete it. */
export const privacy: Record<keyof typeof zh, string> = {
  title: 'Privacy',
  lead: 'We take only what the work needs, and delete it when its time is over.',
  what_title: 'What is collected, and why',
  what_photo: 'The photos and style pictures you choose',
  what_photo_why: 'They are used to paint your works and prepare your styles, for nothing else, and never to train a model.',
  what_work: 'Your works and their settings',
  what_work_why: 'Style, strength, title, favourites and times stand under Works, so that you find them again.',
  what_openid: 'The user id that WeChat gives',
  what_openid_why: 'With it you see your own works after a new login, and notices reach you.',
  what_log: 'Operating logs',
  what_log_why: 'The number, time and outcome of requests, for finding faults. There are no pictures in them.',
  not_title: 'What is not collected',
  not_text: 'We ask for no nickname, profile picture, phone number, location or contacts. The album is touched only when you choose or save a picture, the camera only when you take one.',
  long_title: 'How long it is kept',
  long_text: 'Photos {originals} days, works {results} days, then they are deleted automatically. Each use of a photo starts its time anew; a copy of 1024 pixels stays until the time of the work is over. The record of a work, without pictures, stays until you delete it.',
  long_unknown: 'Photos and works are deleted automatically when their time is over; the days are shown once you are connected. The record of a work, without pictures, stays until you delete it.',
  who_title: 'Who can see it',
  who_text: 'Photos and works are yours alone, and the addresses of pictures expire. After sharing, whoever has the link sees that one work and not your photo; a poster does show your photo, so look before you send it. You can take a link back at any time.',
  who_check: 'As the rules ask, the operator may pass finished works to the content check of WeChat, and keep those that passed in the WeChat cloud database of this mini program.',
  delete_title: 'How to delete',
  delete_one: 'Under Works, swipe left to delete one; you can undo it for ten minutes.',
  delete_all: 'Under Mine you can delete everything: it stops working at once, and the files are gone within minutes.',
  contract: 'Open the Privacy Protection Guide',
};
