/**
 * The names of all elements and attributes that a tree may use, by how they begin. Nothing that begins so runs or loads
 * anything, nor does an element whose name has one or two letters.
 */
export const names =
  /^(..?|bdi|caption|class|form|method|rel|(aria-|art|bu|d(ata-|etails|i)|hid|inp|la|na|pa|rol|s[epu]|ta|ty|va).*)$/;
