/** This version of Genscope, put in when it is bundled: results say what they were made with. */
declare const __GENSCOPE_VERSION__: string | undefined;

export const GENSCOPE_VERSION =
  typeof __GENSCOPE_VERSION__ === 'string' ? __GENSCOPE_VERSION__ : 'development';
