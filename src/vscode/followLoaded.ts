/**
 * Loads with each use; `follow` gets what was loaded, and again what took its place: a workbench that was loaded anew has
 * surfaces of its own.
 */
export function followLoaded<T>(load: () => Promise<T>, follow: (loaded: T) => unknown): () => Promise<T> {
  let followed: T | undefined;
  return async () => {
    const loaded = await load();
    if (followed !== loaded) follow(loaded);
    followed = loaded;
    return loaded;
  };
}
