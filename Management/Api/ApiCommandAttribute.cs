namespace PciBus.Management.Api;

/// <summary>Makes a class a command of the API; everything that <c>listApis</c> says of it stands on the class.</summary>
/// <param name="name">As callers write it, e.g. <c>listHosts</c>; compared exactly.</param>
/// <param name="description">One sentence for callers.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ApiCommandAttribute(string name, string description) : Attribute
{
    public string Name => name;

    public string Description => description;

    /// <summary>What the command answers with. Default: success or not.</summary>
    public Type Response { get; set; } = typeof(SuccessResponse);

    /// <summary>The command answers with a job at once; <see cref="Response"/> is what the job ends with.</summary>
    public bool IsAsync { get; set; }

    /// <summary>Who may use the command. Default: administrators alone.</summary>
    public ApiRoles Roles { get; set; } = ApiRoles.Admin;

    /// <summary>The version of PciBus that brought the command.</summary>
    public string Since { get; set; } = "0.1.0";
}

/// <summary>Names what stands under its class in an answer.</summary>
/// <param name="objectName">The key before one object, and before an array of them, e.g. <c>host</c>.</param>
/// <param name="entity">The entity that the class shows, which relates commands to parameters that take its uuid.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ApiResponseAttribute(string objectName, Type? entity = null) : Attribute
{
    public string ObjectName => objectName;

    public Type? Entity => entity;
}

/// <summary>CloudStack's role types, with their masks.</summary>
[Flags]
internal enum ApiRoles
{
    None = 0,
    Admin = 1,
    ResourceAdmin = 2,
    DomainAdmin = 4,
    User = 8,
    Everybody = Admin | ResourceAdmin | DomainAdmin | User,
}
