/** Types of the WeChat tools that the static tests call. Their own types are missing or do not compile. */

declare module 'miniprogram-ci/dist/modules/corecompiler/original/validate/schemaValidate' {
  export function schemaValidate(kind: string, content: unknown): { error: object[]; warning: string };
}

declare module 'glass-easel-template-compiler' {
  export interface TemplateProblem {
    message: string;
    startLine: number;
    isError: boolean;
  }
  export class TmplGroup {
    addTmpl(path: string, source: string): unknown;
  }
}
