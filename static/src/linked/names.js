/**
 * The names of all elements and attributes that a tree may use, by how they begin. Nothing that begins so runs or loads
 * anything, nor does an element whose name has one or two letters.
 */
export const names =
  /^(..?|bdi|caption|class|form|method|rel|ins|(aria-|art|bu|ch|d(ata-|el|etails|i)|hid|inp|la|na|pa|rol|s[epu]|ta|ty|va).*)$/;
