using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore.Metadata;

namespace PciBus.Management.Persistence;

/// <summary>A query that is translated once for each engine; a compiled query of EF Core knows only one engine.</summary>
/// <param name="compile">Calls <c>EF.CompileAsyncQuery</c>.</param>
internal sealed class CompiledQuery<TDelegate>(Func<TDelegate> compile) where TDelegate : Delegate
{
    private readonly ConcurrentDictionary<IModel, TDelegate> _compiled = new();

    public TDelegate On(PciBusDbContext database) => _compiled.GetOrAdd(database.Model, static (_, compile) => compile(), compile);
}
