/** A header by which a stand-in says that nobody else answered (`images/stand-in`); whoever checks certificates takes its one for right. */
export const STAND_IN_HEADER = 'x-foothold-stand-in';
