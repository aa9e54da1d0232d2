/**
 * How the names of all elements and attributes begin that a tree may be made of, wherever it comes from. Nothing that
 * begins so runs or loads anything, nor does an element of one or two letters.
 */
export const names = /^(..?|bdi|class|form|method|rel|(aria-|art|bu|d(ata-|etails|i)|hid|inp|la|na|pa|rol|s[epu]|ta|ty|va).*)$/;
