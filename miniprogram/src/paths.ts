/** The address of each page that another one opens. */
export const PAGES = {
  create: '/pages/create/create',
  works: '/pages/works/works',
  styles: '/pages/styles/styles',
  job: '/pages/job/job',
  share: '/pages/share/share',
  nixi: '/about/nixi/nixi',
  privacy: '/about/privacy/privacy',
  marks: '/about/marks/marks',
} as const;
