// VS Code loads this file inside the extension host and calls run().
module.exports.run = async () => {
  const { runInside } = await import('./runInside.ts');
  await runInside();
};
